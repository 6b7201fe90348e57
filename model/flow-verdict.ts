import type { ExtraName } from './fields.ts'

/** The columns in which a batch says what its flows were found to be. */
export const verdictExtras = [
  'applicationId',
  'applicationName',
  'applicationCategoryName',
  'protocolName',
  'hostName',
] as const satisfies readonly ExtraName[]

/** What a flow was found to be, as rows and records say it; an empty text is not known. */
export interface FlowVerdict {
  /** RFC 6759: classification engine and selector; 0 is not known. */
  readonly applicationId: number
  readonly application: string
  /** Category of the application. */
  readonly category: string
  /** What is spoken: `tls`, `quic`, `dns`. */
  readonly protocol: string
  readonly hostName: string
}

/** PANA-L7 (RFC 6759 §4.1): numbers of layer 7 that are the exporter's own. */
const engineOwnL7 = 13

/** The value of IE 95 for an application of ours, by its number (1 .. 2^24 - 1). */
export const applicationIdOf = (selector: number): number =>
  ((engineOwnL7 << 24) | (selector & 0xff_ffff)) >>> 0
