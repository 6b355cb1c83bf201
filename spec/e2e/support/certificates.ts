import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeDirectory, removeDirectory } from "./leftovers.js";

/** A certificate and its key, in PEM, as node:https takes them. */
export interface KeyPair {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** A certificate authority that exists for one test run. */
export interface Authority {
  /** The path of its own certificate, for `proxy_ssl_trusted_certificate`. */
  readonly certificateFile: string;
  /** What a user with a certificate authority of their own changes in the snippet: for a `snippet` of the ConfigOptions. */
  trustedIn(snippet: string): string;
  /** Issues a certificate for one DNS name or, written `IP:127.0.0.1`, for an address. */
  issue(name: string): KeyPair;
  dispose(): void;
}

/** Makes a certificate authority with the `openssl` command. */
export function makeAuthority(): Authority {
  const directory = makeDirectory("ca");
  const path = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const authority = ["-subj", "/CN=Signpost test CA", "-days", "2", "-keyout", path("ca.key"), "-out", path("ca.pem")];
  openssl("req", "-x509", ...newKey, ...authority);
  let issued = 0;

  function issue(name: string): KeyPair {
    issued += 1;
    const [key, csr, cert, names] = ["key", "csr", "pem", "names"].map((end) => path(`${issued}.${end}`)) as Four;
    writeFileSync(names, `subjectAltName=${name.includes(":") ? name : `DNS:${name}`}\n`);
    openssl("req", ...newKey, "-subj", "/CN=signpost test", "-keyout", key, "-out", csr);
    const issuer = ["-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-set_serial", String(issued)];
    openssl("x509", "-req", "-in", csr, ...issuer, "-days", "2", "-extfile", names, "-out", cert);
    return { key: readFileSync(key), cert: readFileSync(cert) };
  }

  const trustedIn = (snippet: string) => snippet.replace("/etc/ssl/certs/ca-certificates.crt", path("ca.pem"));
  return { certificateFile: path("ca.pem"), trustedIn, issue, dispose: () => removeDirectory(directory) };
}

type Four = [string, string, string, string];
