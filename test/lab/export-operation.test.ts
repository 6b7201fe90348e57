import type { ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { numberOf, Reader, splitIpfix } from '../exporter/reading.ts'
import { skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'

/**
 * Running an exporter: targets come and go with SIGHUP and nothing is told twice or not at all,
 * and metrics and doctor say who is told and who is not.
 */

const remote = '198.51.100.1'

describe.skipIf(skipUnless('kernel', labMissing()))('an exporter that runs', () => {
  let lab: Lab
  let program: ChildProcess
  let configFile = ''
  let follow = ''
  let log = ''
  /** Of one port that the kernel chose twice the second connection would be the first one. */
  let nextPort = 20_000

  /** Puts targets into the configuration that the lab has written. */
  const write = (targets: readonly string[]): void =>
    writeFileSync(configFile, `${follow}exporter:\n  targets:\n${targets.join('')}`)
  const filesIn = (name: string): string => join(lab.dataDir, '..', name)
  // What the exporter itself sends is in conntrack too: none of that here.
  const only = `filter: { networks: ["${remote}"] }`
  const target = (name: string): string =>
    `    - { name: ${name}, path: ${filesIn(name)}, ${only} }\n`
  const dead = '    - { name: dead, address: "203.0.113.1:4", transport: tcp }\n'

  beforeAll(async () => {
    lab = await makeLab({ hosts: 1 })
    configFile = join(lab.dataDir, '..', 'config.yaml')
    follow = readFileSync(configFile, 'utf8')
    for (const name of ['first', 'second']) mkdirSync(filesIn(name))
    write([target('first'), dead])
    program = await lab.up()
    program.stderr?.on('data', (part: string) => (log += part))
  })
  afterAll(async () => {
    await lab.close()
  })

  async function connectMany(count: number): Promise<void> {
    const [home] = lab.topology.hosts
    const [host] = lab.hosts
    if (home === undefined || host === undefined) throw new Error('The lab has a host.')
    for (let i = 0; i < count; i++) {
      const local = { ip: home.ipv4, port: nextPort++ }
      const made = await host.open('udp', local, { ip: remote, port: 53 })
      await host.close(made)
    }
  }

  async function metric(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
    const line = (await lab.request('/metrics'))
      .split('\n')
      .find(
        (one) =>
          one.startsWith(`flowledger_export_${name}{`) &&
          Object.entries(labels).every(([key, value]) => one.includes(`${key}="${value}"`))
      )
    return Number(line?.split(' ').at(-1) ?? 0)
  }

  /** Waits until the kernel has dropped entries, and targets were told so many records. */
  async function told(name: string, count: number): Promise<void> {
    for (;;) {
      await lab.topology.run(lab.topology.gateway, ['conntrack', '-L'])
      if ((await metric('records_total', { target: name })) >= count) return
      await sleep(300)
    }
  }

  /** Public ports of the connections to the remote host, one for each record of the files. */
  function portsIn(name: string): number[] {
    return readdirSync(filesIn(name)).flatMap((file) => {
      const reader = new Reader()
      const messages = splitIpfix(readFileSync(join(filesIn(name), file)))
      const records = messages.flatMap((message) => reader.read(message).records)
      expect(reader.lost).toBe(0)
      return records.flatMap((record) =>
        record.get('12')?.join('.') === remote ? [Number(numberOf(record.get('227')))] : []
      )
    })
  }

  test('metrics and doctor say who is told, and why somebody is not', async () => {
    await connectMany(12)
    await told('first', 12)
    expect(await metric('open', { target: 'first' })).toBe(1)
    expect(await metric('open', { target: 'dead' })).toBe(0)
    expect(await metric('sessions_total', { target: 'dead' })).toBe(0)
    expect(await metric('losses_total', { target: 'dead', reason: 'refused' })).toBeGreaterThan(0)
    expect(await metric('bytes_total', { target: 'first' })).toBeGreaterThan(1000)
    expect(await metric('behind_seconds', { target: 'first' })).toBeLessThan(60)
    const { stdout } = await lab.flowledger('doctor', '-o', 'json').catch((error: unknown) => {
      // Doctor ends with 1 where something is wrong, which `run` throws for.
      return error as { stdout: string }
    })
    const { findings } = JSON.parse(stdout) as { findings: { check: string }[] }
    expect(findings.find(({ check }) => check === 'export-targets')).toMatchObject({
      state: 'fail',
      fix: 'start the collector, or mend address and port',
    })
  })

  test('SIGHUP: who stays goes on, who is new begins, who is gone is forgotten', async () => {
    write([target('first'), target('second')])
    program.kill('SIGHUP')
    await until(async () => (await metric('open', { target: 'second' })) === 1)
    expect(await lab.request('/metrics')).not.toContain('target="dead"')
    const before = await metric('records_total', { target: 'first' })
    await connectMany(7)
    await told('first', before + 7)
    await told('second', 7)
    await lab.end(program, 'SIGTERM')
    const [first, second] = [portsIn('first'), portsIn('second')]
    // 12 and 7 connections, each told once, those of the end to both.
    expect(first).toHaveLength(19)
    expect(second.filter((port) => !first.includes(port))).toEqual([])
    expect(second.length).toBeGreaterThanOrEqual(7)
    expect(readdirSync(filesIn('first')).filter((file) => file.endsWith('.part'))).toEqual([])
  })
})
