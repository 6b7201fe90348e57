import { expect, test } from 'vitest'
import {
  flowFields,
  flowRecord,
  ipfix,
  optionsTemplate,
  optionsTemplate9,
  set,
  template,
  u,
  v9,
} from './messages.ts'
import type { FieldSpec } from './messages.ts'
import { Run } from './run.ts'

test('sampling by interface: of each record that of its interface, else of the exporter', () => {
  const options = set(3, optionsTemplate(300, [[10, 4]], [[305, 4]]))
  // In v9 the scope's type 2 is an interface (RFC 3954 §6.1).
  const v9Options = set(1, optionsTemplate9(300, [[2, 4]], [[34, 4]]))
  const fields: readonly FieldSpec[] = [...flowFields, [10, 4], [14, 4]]
  const flows = (...ports: readonly (readonly [number, number])[]): Buffer =>
    set(998, ...ports.map(([into, out]) => Buffer.concat([flowRecord(), u(into, 4), u(out, 4)])))
  const told = set(300, u(7, 4), u(100, 4), u(8, 4), u(1000, 4))
  const data = flows([7, 8], [8, 7], [9, 7], [9, 9])
  const shape = template(998, fields)
  const ten = new Run().send([ipfix({}, options, told, set(2, shape), data)])
  const nine = new Run().send([v9({}, v9Options, told, set(0, shape), data)])
  for (const made of [ten, nine]) {
    expect(made.rows.map(({ sampling }) => sampling)).toEqual([100, 1000, 100, 0])
    // Octets stay as they were told; a source that counts a part proves no absence.
    expect(new Set(made.rows.map(({ octets }) => octets)).size).toBe(1)
    expect(made.tick().gaps).toMatchObject([{ reason: 'sampled' }])
  }
})
