import type { ExtraName } from '../../model/fields.ts'

/** The columns that NAT events need beside those that every batch has. */
export const natExtras = [
  'sourceIndex',
  'natEvent',
  'portRangeStart',
  'portRangeEnd',
  'portRangeStepSize',
  'egressVrfId',
  'userName',
  'natPoolName',
] as const satisfies readonly ExtraName[]

export type NatExtra = (typeof natExtras)[number]

/** What notices have besides: mappings have no limits. */
export const noticeExtras = [
  ...natExtras,
  'natEventDetail',
  'natEventLimit',
] as const satisfies readonly ExtraName[]
