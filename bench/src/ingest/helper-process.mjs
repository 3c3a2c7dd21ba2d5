import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A process of the benchmark that answers one message at a time. */
export class HelperProcess {
  #child;

  /** @param file name of a module beside this one */
  constructor(file) {
    this.#child = fork(fileURLToPath(new URL(file, import.meta.url)), { serialization: 'advanced' });
  }

  tell(message) {
    this.#child.send(message);
  }

  /** Sends a message and resolves with the answer. */
  ask(message) {
    return new Promise((resolve, reject) => {
      const settle = (use, value) => {
        this.#child.off('message', onMessage).off('exit', onExit);
        use(value);
      };
      const onMessage = ({ type, ...answer }) =>
        type === 'answer' ? settle(resolve, answer) : settle(reject, new Error(answer.message));
      const onExit = (code) => settle(reject, new Error(`a helper of the benchmark ended with ${code}`));
      this.#child.on('message', onMessage).on('exit', onExit);
      this.#child.send(message);
    });
  }

  end() {
    if (this.#child.connected) this.#child.disconnect();
  }
}
