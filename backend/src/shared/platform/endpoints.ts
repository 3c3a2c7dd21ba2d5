/** Base addresses as a client on this machine uses them; an empty one is not served by this node. */
export interface Addresses {
  readonly url: string;
  readonly otlpHttpUrl: string;
  readonly otlpGrpcUrl: string;
}

/** The addresses this node listens on, known once it listens (a port of 0 is picked by the system). */
export class Endpoints {
  #addresses: Addresses = { url: '', otlpHttpUrl: '', otlpGrpcUrl: '' };

  get addresses(): Addresses {
    return this.#addresses;
  }

  publish(addresses: Addresses): void {
    this.#addresses = addresses;
  }
}
