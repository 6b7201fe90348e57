import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { programMissing } from '../../test/skip.ts'

/** A file of bench/ that compares us with peers, and how the suite runs it. */
export interface Measurement {
  /** The file without its ending. */
  readonly file: string
  readonly full: readonly string[]
  /** A short run: good for noticing that something broke, not for a claim; or there is none. */
  readonly quick?: readonly string[]
  /** How long each may take at most, on a machine that does other work; 0 where there is none. */
  readonly quickSeconds: number
  readonly fullSeconds: number
  /** Programs, and files or folders by their path from the checkout or the root. */
  readonly needs: readonly string[]
}

const contenders = (...names: readonly string[]): string[] =>
  names.flatMap((name) => ['--only', name])

const ulogdToPostgres = '/usr/lib/x86_64-linux-gnu/ulogd/ulogd_output_PGSQL.so'

export const measurements: readonly Measurement[] = [
  {
    file: 'whole-path',
    quickSeconds: 0,
    fullSeconds: 230,
    full: [
      ...'--seconds 4 --rounds 2 --common 4000'.split(' '),
      ...'--rates 10000,15000,20000 --rival-rates 6000,8000,10000'.split(' '),
    ],
    needs: [
      'nft',
      'conntrack',
      'curl',
      'ulogd',
      ulogdToPostgres,
      'softflowd',
      'softflowctl',
      'ndpiReader',
      'dist/cli/main.js',
    ],
  },
  {
    file: 'conntrack-events',
    quickSeconds: 40,
    fullSeconds: 150,
    full: [
      ...'--rounds 2 --seconds 4 --wait 2'.split(' '),
      ...contenders('flowledger', 'receiving alone', 'conntrack'),
    ],
    quick: [
      '--rate',
      '40000',
      '--seconds',
      '4',
      '--rounds',
      '1',
      '--wait',
      '0',
      ...contenders('flowledger', 'conntrack'),
    ],
    needs: ['conntrack', 'nft'],
  },
  {
    file: 'ulogd2',
    quickSeconds: 45,
    fullSeconds: 120,
    full: ['--rounds', '2', '--seconds', '6', ...contenders('flowledger', 'ulogd2')],
    quick: [
      '--rate',
      '50000',
      '--seconds',
      '5',
      '--rounds',
      '1',
      ...contenders('flowledger', 'ulogd2'),
    ],
    needs: ['ulogd', ulogdToPostgres, 'nft'],
  },
  {
    file: 'copy',
    quickSeconds: 25,
    fullSeconds: 60,
    full: ['--rows', '500000', '--rounds', '3'],
    quick: ['--rows', '200000', '--rounds', '1'],
    needs: [],
  },
  {
    file: 'netflow-decode',
    quickSeconds: 15,
    fullSeconds: 30,
    full: [],
    quick: ['--rounds', '1'],
    needs: ['node_modules/node-netflowv9'],
  },
  {
    file: 'netflow-collect',
    quickSeconds: 35,
    fullSeconds: 220,
    full: ['cpu', '--warm', '18', '--rounds', '2', '--seconds', '4'],
    quick: ['nfcapd', '--warm', '4', '--rounds', '1', '--seconds', '3'],
    needs: ['nfcapd', 'nfdump', 'nfacctd'],
  },
  {
    file: 'export',
    quickSeconds: 25,
    fullSeconds: 60,
    full: [],
    quick: ['--flows', '300000', '--rounds', '1'],
    needs: ['nfcapd', 'nfdump', 'nfreplay'],
  },
  {
    file: 'classify',
    quickSeconds: 30,
    fullSeconds: 330,
    full: ['--copies', '20,80', '--rounds', '2'],
    quick: ['--copies', '4', '--rounds', '1'],
    needs: ['ndpiReader', '../shared/corpora/dpi/captures', 'dist/cli/main.js'],
  },
  {
    file: 'lookup-beside',
    quickSeconds: 0,
    fullSeconds: 80,
    full: [],
    needs: ['nfcapd', 'nfdump'],
  },
  {
    file: 'policy',
    quickSeconds: 20,
    fullSeconds: 60,
    full: ['--rounds', '2', '--seconds', '8'],
    quick: ['--elements', '20000', '--rounds', '1', '--seconds', '2'],
    needs: ['nft', 'ipset'],
  },
]

const checkout = new URL('../../', import.meta.url)

/** Why a measurement cannot run here; undefined where it can. */
export function whyNot({ needs }: Measurement): string | undefined {
  for (const need of needs) {
    if (!need.includes('/')) {
      const missing = programMissing(need)
      if (missing !== undefined) return missing
    } else if (!existsSync(fileURLToPath(new URL(need, checkout)))) return `${need} is missing`
  }
  return undefined
}
