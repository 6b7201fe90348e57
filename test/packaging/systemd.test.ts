import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { programMissing, skipUnless } from '../skip.ts'

const unitOf = (name: string): string =>
  fileURLToPath(new URL(`../../packaging/systemd/flowledger-${name}.service`, import.meta.url))

const analyze = (...argv: string[]) => spawnSync('systemd-analyze', argv, { encoding: 'utf8' })

describe.skipIf(skipUnless('program', programMissing('systemd-analyze')))('units', () => {
  // Exposure in tenths, of 100: the rest is what a gateway needs, the network above all.
  test.each([
    ['collect', 22],
    ['serve', 13],
  ])('flowledger-%s is exposed no more than stated', (name, most) => {
    const argv = ['security', '--offline=yes', `--threshold=${most}`, '--no-pager', unitOf(name)]
    const { status, stdout, stderr } = analyze(...argv)
    expect(status, stdout + stderr).toBe(0)
  })

  test.each(['collect', 'serve'])('flowledger-%s has no directive that is unknown', (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'flowledger-unit-'))
    try {
      // What is verified beside the syntax is that the program exists: here it is not installed.
      const text = readFileSync(unitOf(name), 'utf8').replaceAll('/usr/bin/flowledger', '/bin/true')
      const path = join(folder, `flowledger-${name}.service`)
      writeFileSync(path, text)
      const { status, stderr } = analyze('verify', '--man=no', path)
      expect(stderr.split('\n').filter((line) => line.includes(folder))).toEqual([])
      expect(status, stderr).toBe(0)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  // The archive is given to the group of who answers by a set-group-ID bit (let-read.ts).
  test('the units that seal may let the archive be read', () => {
    for (const name of ['flowledger.service', 'flowledger-collect.service']) {
      const text = readFileSync(join(dirname(unitOf('collect')), name), 'utf8')
      expect(text.split('\n').filter((line) => line.startsWith('RestrictSUIDSGID'))).toEqual([])
    }
  })

  test('units start once the clock is right, where something waits for that, and pull in nothing', () => {
    for (const name of ['flowledger', 'flowledger-collect', 'flowledger-serve']) {
      const text = readFileSync(join(dirname(unitOf('collect')), `${name}.service`), 'utf8')
      const lines = text.split('\n').filter((line) => /^[A-Z]/.test(line))
      const naming = lines.filter((line) => line.includes('time-sync.target'))
      expect(naming.map((line) => line.split('=')[0])).toEqual(['After'])
    }
  })

  test('only the collector has capabilities, and V8 may write code', () => {
    const lines = (name: string): string[] => readFileSync(unitOf(name), 'utf8').split('\n')
    const capable = (name: string): string[] => lines(name).filter((l) => /Capabilit/.test(l))
    expect(capable('collect')).toEqual([
      'AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW',
      'CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW',
    ])
    expect(capable('serve')).toEqual(['AmbientCapabilities=', 'CapabilityBoundingSet='])
    const all = [...lines('collect'), ...lines('serve')]
    expect(all.filter((line) => line.startsWith('MemoryDenyWriteExecute'))).toEqual([])
  })
})
