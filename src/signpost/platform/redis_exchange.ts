import type { Client } from "resty.redis";
import { encodeCommands } from "../redis/commands";
import { limitsPassingOver } from "../redis/reply_limits";
import { NoReplies, readReplies, Replies } from "../redis/reply_reader";
import { RedisCommand } from "../ports";
import { Result } from "../result";
import { breathe, runWithin } from "./background";

/** How much is received at once, bytes. */
const PIECE_BYTES = 16_384;

/**
 * Sends commands on a connection and reads their replies, within `seconds`. The socket's timeouts are not enough: they
 * bound only each silence, and a server that sends byte after byte but never a whole reply is never silent. Yields.
 *
 * @param passedOverBytes see `Redis.ask`
 */
export function exchangeWithin(
  seconds: number,
  client: Client,
  commands: readonly RedisCommand[],
  passedOverBytes?: number,
): Result<Replies, NoReplies> {
  const socket = client._sock;
  let replies: Replies | undefined;
  let failure: NoReplies | undefined;
  let problem: string | undefined;
  runWithin(seconds, () => {
    const [answers, err, detail] = sendAndRead(socket, commands, passedOverBytes);
    if (err === undefined) {
      replies = answers;
    } else {
      failure = err;
      problem = detail;
    }
  });
  if (replies === undefined) {
    // Neither replies nor a failure: the time was over.
    return $multi(undefined, failure ?? "lost", problem ?? "timeout");
  }
  return $multi(replies, undefined);
}

function sendAndRead(
  socket: NgxTcpSocket,
  commands: readonly RedisCommand[],
  passedOverBytes: number | undefined,
): Result<Replies, NoReplies> {
  const [, unsent] = socket.send(encodeCommands(commands));
  if (unsent !== undefined) {
    return $multi(undefined, "lost", unsent);
  }
  return readReplies(commands.length, () => receivePiece(socket), breathe, limitsPassingOver(passedOverBytes));
}

function receivePiece(socket: NgxTcpSocket): Result<string, "lost"> {
  const [bytes, err] = socket.receiveany(PIECE_BYTES);
  if (err !== undefined) {
    return $multi(undefined, "lost", err);
  }
  return $multi(bytes, undefined);
}
