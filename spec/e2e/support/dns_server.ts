import { createSocket } from "node:dgram";
import { once } from "node:events";

/** A name server on loopback, for nginx' `resolver`. */
export interface DnsServer {
  /** As nginx wants it: `127.0.0.1:<port>`. */
  readonly address: string;
  /** The names asked for, in order. */
  readonly questions: readonly string[];
  close(): void;
}

const HEADER_BYTES = 12;
const TYPE_A = 1;
const NO_SUCH_NAME = 3;

/**
 * Starts a name server.
 *
 * @param names the names it knows, lower case, and their IPv4 address; any other does not exist
 */
export async function startDns(names: Readonly<Record<string, string>>): Promise<DnsServer> {
  const questions: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (query, sender) => {
    const question = readQuestion(query);
    questions.push(question.name);
    socket.send(answer(query, question, names[question.name]), sender.port, sender.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { address: `127.0.0.1:${socket.address().port}`, questions, close: () => socket.close() };
}

interface Question {
  readonly name: string;
  readonly type: number;
  /** Where the question ends in the query. */
  readonly end: number;
}

function readQuestion(query: Buffer): Question {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** The query's own header and question, marked as an answer, and the address if there is one of the type asked for. */
function answer(query: Buffer, question: Question, address: string | undefined): Buffer {
  const hasRecord = address !== undefined && question.type === TYPE_A;
  const header = Buffer.from(query.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(0x8180 | (address === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(hasRecord ? 1 : 0, 6);
  header.writeUInt32BE(0, 8);
  const parts = [header, query.subarray(HEADER_BYTES, question.end)];
  if (hasRecord) {
    // Name: a pointer to the question's. Type A, class IN, 1 second to live, 4 bytes of data.
    parts.push(Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 1, 0, 4]));
    parts.push(Buffer.from(address.split(".").map(Number)));
  }
  return Buffer.concat(parts);
}
