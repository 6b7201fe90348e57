import { archiveFiles } from './checks/archive.ts'
import { captureRule } from './checks/capture.ts'
import { auditHead, partitions, schema } from './checks/database.ts'
import { diskSpace, spool } from './checks/disk.ts'
import { exportTargets } from './checks/exporter.ts'
import { identityFiles, identityNeighbours, identityRadius } from './checks/identity.ts'
import {
  accounting,
  conntrackPresent,
  events,
  fullness,
  timestamps,
  tracking,
} from './checks/kernel.ts'
import { netflowBuffer, netflowDrops } from './checks/netflow.ts'
import { policyRules } from './checks/policy.ts'
import { capability, clock, receiveBuffer } from './checks/process.ts'
import type { Check } from './finding.ts'

/** Everything that doctor asks, in the order in which it is shown. */
export const checks: readonly Check[] = [
  { name: 'conntrack', run: conntrackPresent },
  { name: 'conntrack-events', run: events },
  { name: 'conntrack-accounting', run: accounting },
  { name: 'conntrack-timestamp', run: timestamps },
  { name: 'conntrack-rules', run: tracking },
  { name: 'conntrack-table', run: fullness },
  { name: 'capture-rule', run: captureRule },
  { name: 'policy', run: policyRules },
  { name: 'capability', run: capability },
  { name: 'receive-buffer', run: receiveBuffer },
  { name: 'clock', run: clock },
  { name: 'identity-files', run: identityFiles },
  { name: 'identity-radius', run: identityRadius },
  { name: 'identity-neighbours', run: identityNeighbours },
  { name: 'export-targets', run: exportTargets },
  { name: 'netflow-buffer', run: netflowBuffer },
  { name: 'netflow-drops', run: netflowDrops },
  { name: 'disk', run: diskSpace },
  { name: 'spool', run: spool },
  { name: 'database', run: schema },
  { name: 'partitions', run: partitions },
  { name: 'audit', run: auditHead },
  { name: 'archive', run: archiveFiles },
]
