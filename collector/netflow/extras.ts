import type { ExtraName } from '../../model/fields.ts'

/** What flow records can tell beside what every source tells. */
export const flowExtras = [
  'sourceIndex',
  'natEvent',
  'natEventDetail',
  'natEventLimit',
  'portRangeStart',
  'portRangeEnd',
  'portRangeStepSize',
  'tcpControlBits',
  'ipClassOfService',
  'ingressInterface',
  'egressInterface',
  'egressVrfId',
  'samplingInterval',
  'applicationId',
  'applicationName',
  'applicationCategoryName',
  'protocolName',
  'hostName',
  'userName',
  'natPoolName',
] as const satisfies readonly ExtraName[]
