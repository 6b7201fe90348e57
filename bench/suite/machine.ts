import { spawnSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'

/** How each peer says its version, and where in that. */
const peers: readonly (readonly [name: string, argv: readonly string[], version: RegExp])[] = [
  ['conntrack-tools', ['conntrack', '--version'], /v([\d.]+)/],
  ['ulogd2', ['ulogd', '--version'], /Version ([\d.]+)/],
  ['nfdump', ['nfcapd', '-V'], /Version: ([\d.]+)/],
  ['nDPI', ['ndpiReader', '-h'], /nDPI ([\d.]+)/],
  ['pmacct', ['nfacctd', '-V'], /nfacctd ([\d.]+)/],
  ['softflowd', ['softflowd', '-h'], /version (\d+(?:\.\d+)*)/],
  ['nftables', ['nft', '--version'], /v([\d.]+)/],
  ['ipset', ['ipset', '--version'], /v([\d.]+)/],
]

function versionOf([name, [program = '', ...args], pattern]: (typeof peers)[number]): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  const version = pattern.exec(`${stdout ?? ''}${stderr ?? ''}`)?.[1]
  return version === undefined ? `${name} not installed` : `${name} ${version}`
}

export const describePeers = (): string => `${peers.map(versionOf).join(', ')}.`

export function describeMachine(): string {
  const cores = cpus()
  const day = new Date().toISOString().slice(0, 10)
  const memory = Math.round(totalmem() / 2 ** 30)
  const processor = cores[0]?.model.trim() ?? 'unknown processor'
  const hardware = `${cores.length} cores (${processor}), ${memory} GiB`
  return `${day}: ${hardware}, Linux ${release()}, Node ${process.version}.`
}
