import {
  flowFields,
  flowRecord,
  ipfix,
  optionsTemplate,
  set,
  template,
  u,
  v5,
  v5Record,
  v9,
} from '../collector/netflow/messages.ts'

/** Sound messages of every version: templates, options, lists, texts of variable length. */
export const netflowSeeds: readonly Buffer[] = [
  ipfix({}, set(2, template(256, flowFields)), set(256, flowRecord(), flowRecord())),
  ipfix(
    {},
    set(
      2,
      template(257, [
        [371, 0xffff],
        [292, 0xffff],
        [291, 0xffff],
      ])
    )
  ),
  ipfix({}, set(257, u(3, 1), Buffer.from('abc'), u(4, 1), u(3, 1), u(256, 2), u(0, 1), u(0, 1))),
  ipfix(
    {},
    set(
      3,
      optionsTemplate(
        300,
        [[149, 4]],
        [
          [34, 4],
          [341, 0xffff],
        ]
      )
    )
  ),
  v9(
    {},
    set(
      0,
      template(258, [
        [8, 4],
        [225, 4],
        [230, 1],
        [323, 8],
      ])
    ),
    set(258, Buffer.alloc(51))
  ),
  v5({}, [v5Record(), v5Record()]),
]
