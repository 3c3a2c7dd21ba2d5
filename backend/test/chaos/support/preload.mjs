/**
 * Loaded into the server before anything of its own (`node --import`). It changes nothing that the server does; it lets
 * a test look and turn where there is no public surface:
 *
 * - the embedded store's address and credentials, which exist nowhere but in one message from parent to child, are
 *   written to CHAOS_STORE_FILE;
 * - the wall clock of this process and its threads is shifted by the milliseconds in CHAOS_CLOCK_FILE, while the test
 *   changes them. The monotonic clock stays as it is, as it does when an operator or NTP sets the time.
 */
import { ChildProcess } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

const { CHAOS_STORE_FILE: storeFile, CHAOS_CLOCK_FILE: clockFile } = process.env;

if (storeFile) {
  const { spawn } = ChildProcess.prototype;
  ChildProcess.prototype.spawn = function (...args) {
    const result = spawn.apply(this, args);
    const { send } = this;
    if (send) {
      this.send = function (message, ...rest) {
        if (message?.type === 'start' && message.password && message.port) tell(message);
        return send.call(this, message, ...rest);
      };
    }
    return result;
  };
}

function tell({ port, username, password }) {
  const text = JSON.stringify({ url: `http://127.0.0.1:${port}`, username, password });
  writeFileSync(`${storeFile}.new`, text, { mode: 0o600 });
  renameSync(`${storeFile}.new`, storeFile);
}

if (clockFile) {
  const CLOCK_IS_READ_EVERY_MS = 20;
  const RealDate = Date;
  const realNow = Date.now;
  let offsetMs = 0;
  const readOffset = () => {
    try {
      offsetMs = Number(readFileSync(clockFile, 'utf8')) || 0;
    } catch {
      offsetMs = 0; // no file: the true time
    }
  };
  const now = () => realNow() + offsetMs;
  globalThis.Date = class Date extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(now());
      else super(...args);
    }
    static now() {
      return now();
    }
  };
  readOffset();
  setInterval(readOffset, CLOCK_IS_READ_EVERY_MS).unref();
}
