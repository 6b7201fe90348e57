import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { actionFolder } from '../appliance/policy/acting.ts'
import type { Config } from '../model/config.ts'
import { actionFiles } from '../policy/action-log.ts'
import { nftSets, ownIpsets, tableListing } from '../policy/kernel/inspect.ts'
import { policyTable } from '../policy/kernel/needs.ts'
import { runTool } from '../policy/kernel/run.ts'
import type { ReportedAction } from '../policy/report.ts'

/** What of the policy is in the kernel, and what was done lately. */
export interface PolicyState {
  readonly kernel: readonly string[]
  readonly actions: readonly ReportedAction[]
}

/** Octets of the end of a file that are looked at. */
const tailBytes = 4 << 20

/** The last lines of a file that can be read as actions. */
async function lastOf(path: string, most: number): Promise<readonly ReportedAction[]> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - tailBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n')
    return lines
      .slice(from > 0 ? 1 : 0)
      .flatMap(actionOf)
      .slice(-most)
  } finally {
    await file.close()
  }
}

/** Nothing of a line that was cut short by a crash. */
function actionOf(line: string): ReportedAction[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as ReportedAction]
  } catch {
    return []
  }
}

async function lastActions(folder: string, most: number): Promise<readonly ReportedAction[]> {
  const found: ReportedAction[] = []
  for (const name of (await actionFiles(folder)).toReversed()) {
    found.unshift(...(await lastOf(join(folder, name), most - found.length)))
    if (found.length >= most) break
  }
  return most > 0 ? found.slice(-most) : []
}

/** Lines of our own table that count: rules with what passed them. */
function rulesOf(listing: string | undefined): readonly string[] {
  const lines = (listing ?? '').split('\n').map((line) => line.trim())
  return lines.filter((line) => line.includes('counter packets') && !line.includes('"policy '))
}

/** The rule that stands on no hook, so that the kernel gives room for labels. */
const roomOf = (listing: string | undefined): readonly string[] =>
  /ct label set/.test(listing ?? '') ? ['labels  room for them in every new connection'] : []

async function kernelLines(): Promise<readonly string[]> {
  const listing = await tableListing('inet', policyTable)
  const sets = ((await nftSets()) ?? []).filter(({ isOurs }) => isOurs)
  const nft = await Promise.all(
    sets.map(async ({ family, table, name }) => {
      const { out } = await runTool('nft', ['-j', 'list', 'set', family, table, name])
      return `set     ${family} ${table} ${name}  ${elementsIn(out)} elements`
    })
  )
  const ipsets = await Promise.all(
    ((await ownIpsets()) ?? []).map(async (name) => {
      const { out } = await runTool('ipset', ['list', '-t', name])
      const count = /^Number of entries: (\d+)$/m.exec(out)?.[1] ?? '?'
      return `ipset   ${name}  ${count} members`
    })
  )
  const rules = rulesOf(listing).map((line) => `rule    ${line}`)
  return [...rules, ...roomOf(listing), ...nft, ...ipsets]
}

function elementsIn(json: string): number {
  const listed = JSON.parse(json) as {
    nftables: readonly { readonly set?: { readonly elem?: readonly unknown[] } }[]
  }
  return listed.nftables.reduce((sum, { set }) => sum + (set?.elem?.length ?? 0), 0)
}

export async function shown({ dataDir }: Config, most: number): Promise<PolicyState> {
  const [kernel, actions] = await Promise.all([
    kernelLines(),
    lastActions(actionFolder(dataDir), Number.isInteger(most) ? Math.min(most, 10_000) : 20),
  ])
  return { kernel, actions }
}
