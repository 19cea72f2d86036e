/** A column of unsigned 32-bit numbers that grows by doubling. */
export class Growing {
  size = 0;
  values: Uint32Array;

  constructor(room = 1024) {
    this.values = new Uint32Array(room);
  }

  push(value: number): void {
    if (this.size === this.values.length) this.#grow();
    this.values[this.size++] = value;
  }

  #grow(): void {
    const wider = new Uint32Array(this.values.length * 2);
    wider.set(this.values);
    this.values = wider;
  }
}
