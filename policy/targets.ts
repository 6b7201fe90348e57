import type { TargetKind } from './target.ts'
import { block } from './targets/block.ts'
import { dscp } from './targets/dscp.ts'
import { ipset } from './targets/ipset.ts'
import { label } from './targets/label.ts'
import { log } from './targets/log.ts'
import { mark } from './targets/mark.ts'
import { nftSet } from './targets/nft-set.ts'
import { reroute } from './targets/reroute.ts'
import { reset } from './targets/reset.ts'
import { stream } from './targets/stream.ts'
import { webhook } from './targets/webhook.ts'

/** A kind whose settings are checked by its own schema alone. */
// oxlint-disable-next-line typescript/no-explicit-any -- each kind knows its settings, nobody else
export type AnyTargetKind = TargetKind<any>

/**
 * Every kind of target: one file each, one line here, in the order in which they are done: a
 * connection is started over when the sets that route it are filled.
 */
const all = {
  label,
  mark,
  'nft-set': nftSet,
  ipset,
  dscp,
  block,
  reset,
  reroute,
  log,
  stream,
  webhook,
}

export const targetKinds: ReadonlyMap<string, AnyTargetKind> = new Map(Object.entries(all))
