// A backend that is a program: peer_process.js NAME PORT BACKLOG. It answers every request with its name.
import { createServer } from "node:http";
import { sayName } from "./backend.js";

const [name = "", port, backlog] = process.argv.slice(2);
const handler = sayName(name);
const server = createServer((request, response) => void handler(request, response));
server.keepAliveTimeout = 0;
server.listen({ port: Number(port), host: "127.0.0.1", backlog: Number(backlog) });
