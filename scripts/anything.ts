/**
 * Stands for whatever a description does not look into: has every property, can be called, holds
 * nothing. What is made of the program with it can be asked what it would say of itself, no more.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- It is of every type, which is its use.
export const anything: any = new Proxy(() => undefined, {
  get(_, key) {
    if (key === Symbol.iterator) return () => [][Symbol.iterator]()
    if (key === Symbol.toPrimitive) return () => 0
    // A promise would be waited for without end.
    return key === 'then' ? undefined : anything
  },
  apply: () => anything,
})
