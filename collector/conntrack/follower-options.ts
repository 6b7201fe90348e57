import type { Networks } from '../../model/nat-view.ts'

/** What a follower goes by. */
export interface FollowerOptions {
  readonly source: string
  readonly networks: Networks
  /** Length after which an open flow is written as a slice (us). */
  readonly activeTimeoutUs: number
  /** Wanted receive buffer of the event socket, octets. */
  readonly receiveBuffer: number
}
