import { createServer, type Server, type Socket } from "node:net";

/** A letter as people read it. */
export interface Letter {
  to: string;
  subject: string;
  text: string;
}

/** A mail server (RFC 5321) that takes every letter. */
export interface Mailbox {
  /** As `--mail` names it. */
  address: string;
  /** The first letter to somebody that says these words, once it has come. */
  letter: (to: string, words: string) => Promise<Letter>;
  close: () => Promise<void>;
}

/** RFC 2045, 6.7 and 6.8. */
function decoded(body: string, coding: string): string {
  if (coding === "base64") return Buffer.from(body, "base64").toString("utf8");
  if (coding !== "quoted-printable") return body;
  const bytes = body
    .replaceAll("=\r\n", "")
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function letterOf(to: string, raw: string): Letter {
  const [head = "", ...rest] = raw.split("\r\n\r\n");
  const unfolded = head.replaceAll("\r\n ", " ");
  const header = (name: string) =>
    new RegExp(`^${name}: (.*)$`, "m").exec(unfolded)?.[1]?.trim() ?? "";
  const text = decoded(rest.join("\r\n\r\n"), header("Content-Transfer-Encoding"));
  return { to, subject: header("Subject"), text };
}

function talk(socket: Socket, take: (letter: Letter) => void): void {
  let [waiting, to, raw] = ["", "", ""];
  let inLetter = false;
  const say = (line: string) => socket.write(`${line}\r\n`);
  const hear = (line: string) => {
    if (inLetter) {
      if (line !== ".") {
        raw += `${line.startsWith(".") ? line.slice(1) : line}\r\n`;
        return;
      }
      inLetter = false;
      take(letterOf(to, raw));
      say("250 taken");
      return;
    }
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "RCPT") to = /<(.*)>/.exec(line)?.[1] ?? "";
    if (verb === "DATA") [inLetter, raw] = [true, ""];
    const answers: Record<string, string> = {
      EHLO: "250 mail",
      DATA: "354 go on",
      QUIT: "221 bye",
    };
    say(answers[verb] ?? "250 yes");
  };
  socket.setEncoding("latin1");
  // Whoever calls may hang up at any time.
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes) => {
    const lines = (waiting + String(bytes)).split("\r\n");
    waiting = lines.pop() ?? "";
    for (const line of lines) hear(line);
  });
  say("220 mail");
}

export async function openMailbox(): Promise<Mailbox> {
  const letters: Letter[] = [];
  const server: Server = createServer((socket) => talk(socket, (letter) => letters.push(letter)));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const at = server.address();
  if (at === null || typeof at === "string") throw new Error("the mail server has no port");
  return {
    address: `smtp+plain://127.0.0.1:${at.port}`,
    letter: async (to, words) => {
      // What comes within a minute is one letter.
      for (let waited = 0; waited < 900; waited += 1) {
        const found = letters.find((one) => one.to === to && one.text.includes(words));
        if (found) return found;
        await new Promise((done) => setTimeout(done, 100));
      }
      throw new Error(`no letter to ${to} says "${words}"`);
    },
    close: () => new Promise((done) => server.close(() => done())),
  };
}
