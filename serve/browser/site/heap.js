/** Values of which the smallest comes first. */
export class Heap {
  #values = [];
  #compare;

  constructor(compare) {
    this.#compare = compare;
  }

  push(value) {
    const values = this.#values;
    let at = values.length;
    for (let parent; at > 0 && this.#compare(values[(parent = (at - 1) >> 1)], value) > 0; at = parent) values[at] = values[parent];
    values[at] = value;
  }

  /** Returns and removes the smallest; undefined where there is none. */
  pop() {
    const values = this.#values, top = values[0], last = values.pop();
    if (values.length === 0) return top;
    let at = 0;
    for (let child; (child = 2 * at + 1) < values.length; at = child) {
      if (child + 1 < values.length && this.#compare(values[child + 1], values[child]) < 0) child++;
      if (this.#compare(values[child], last) >= 0) break;
      values[at] = values[child];
    }
    values[at] = last;
    return top;
  }
}
