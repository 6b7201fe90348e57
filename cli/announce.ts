import { join } from 'node:path'
import type { Appliance } from '../model/appliance.ts'
import type { CommonFlags } from './config/layers.ts'
import type { LoadedConfig } from './config/load.ts'
import { contextOf } from './doctor/finding.ts'
import type { Finding } from './doctor/finding.ts'
import { accounting, events, timestamps, tracking } from './doctor/checks/kernel.ts'
import { say } from './output.ts'

/** Says in plain words what runs. */
export function announce(appliance: Appliance): void {
  for (const line of appliance.describe()) say(line)
}

/** The flags with which a second command finds the same ledger. */
function sameLedger(flags: CommonFlags): string {
  const given = [
    ['--config', flags.config],
    ['--data-dir', flags.dataDir],
    ['--database', flags.database],
  ] as const
  return given.map(([name, value]) => (value === undefined ? '' : ` ${name} ${value}`)).join('')
}

/** As {@link announce}, then what the kernel leaves out, and what to try next. */
export async function announceUp(
  appliance: Appliance,
  { config }: LoadedConfig,
  flags: CommonFlags
): Promise<void> {
  announce(appliance)
  const context = contextOf(config)
  const kernel: readonly Finding[] = [
    events(context),
    accounting(context),
    timestamps(context),
    await tracking(context),
  ]
  for (const { state, text, fix } of kernel) {
    if (state !== 'ok' && fix !== undefined) say(`Note: ${text}.\n      ${fix}`)
  }
  const common = sameLedger(flags)
  say(`
Try next, in a second terminal:
  flowledger lookup 192.0.2.1:4711 now${common}
      with a public address and port of this gateway; "conntrack -L" shows some
  curl -H "Authorization: Bearer $(cat ${join(config.dataDir, 'admin-token')})" \\
      "http://${config.api.listen}/v1/lookup?ip=192.0.2.1&port=4711&at=now"
  flowledger doctor${common}
Stop with Ctrl-C.`)
}
