export interface SeedLogin {
  readonly email: string;
  readonly password: string;
  readonly role: string;
}

/** The documented logins that seeding created: shown on the terminal and the login page, in development only. */
export class SeedLogins {
  #list: readonly SeedLogin[] = [];

  get list(): readonly SeedLogin[] {
    return this.#list;
  }

  publish(list: readonly SeedLogin[]): void {
    this.#list = list;
  }
}
