import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { programMissing } from '../skip.ts'
import { labMissing, makeLab } from '../lab/gateway-lab.ts'
import type { Lab } from '../lab/gateway-lab.ts'
import { until } from '../until.ts'
import { blocksOf } from './page-commands.ts'
import { makeWorld } from './reader-world.ts'
import type { World } from './reader-world.ts'

const server = [15, 16, 17, 18]
  .map((version) => `/usr/lib/postgresql/${version}/bin`)
  .findLast((folder) => existsSync(join(folder, 'postgres')))

const programs = ['nsenter', 'script', 'curl', 'jq', 'nc', 'openssl', 'python3', 'psql']
  .concat('radclient', 'systemd-sysusers')
  .map(programMissing)

/** Why pages cannot be gone through here. */
export const gatewayMissing = (): string | undefined =>
  labMissing() ??
  programs.find((missing) => missing !== undefined) ??
  (server === undefined ? 'there is no PostgreSQL of the distribution' : undefined)

/** What the pages configure, put together: one program runs for all of them. */
const config = `
collector:
  conntrack: { enabled: true }
  netflow: { exporters: [{ address: 127.0.0.1, name: cgn1 }] }
  identity:
    - kind: radius
      listen: "127.0.0.1:1813"
      clients: [{ name: bng1, prefix: 127.0.0.1, secret: the secret }]
stream: { unix: /run/flowledger/stream.sock, update_interval: 1s }
policy: { rules: /etc/flowledger/policy.yaml }
`

/** PostgreSQL as the distribution has it, on a host called `db`: any password opens it. */
async function startDatabase(world: World): Promise<void> {
  const data = '/var/lib/postgresql/data'
  const as = 'setpriv --reuid=postgres --regid=postgres --clear-groups --'
  const prepare = [
    'install -d -o postgres /var/lib/postgresql /run/postgresql',
    `${as} ${server}/initdb -D ${data} -A trust -N -E UTF8 --locale C.UTF-8`,
    'echo 127.0.0.1 db >> /etc/hosts',
  ]
  const { code, stderr } = await world.run('/', prepare.join(' && '))
  if (code !== 0) throw new Error(stderr)
  const settings = '-c listen_addresses=127.0.0.1 -c fsync=off -k /run/postgresql'
  // What it logs is nobody's, and must not fill the pipe.
  world.start('/', `exec ${as} ${server}/postgres -D ${data} ${settings}`).stderr?.resume()
  await until(async () => (await world.run('/', 'psql -c "select 1" postgres')).code === 0)
}

async function startProgram(world: World): Promise<void> {
  const policy = blocksOf('docs/how-to/policy.md').find(({ language }) => language === 'yaml')
  world.write('/etc/flowledger/policy.yaml', policy?.text ?? '')
  world.write('/etc/xtables/connlabel.conf', '0 zoom\n')
  world.write('/etc/flowledger/config.yaml', config)
  const up = world.start('/', 'mkdir /run/flowledger && exec flowledger up')
  let log = ''
  for (const stream of [up.stdout, up.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => (log = (log + part).slice(-8192)))
  }
  await until(async () => {
    if (up.exitCode !== null) throw new Error(`flowledger up ended:\n${log}`)
    return (await world.run('/', 'curl http://127.0.0.1:8080/readyz')).code === 0
  })
}

/** A connection that stays, of the host that the pages ask for, and new ones as long as it runs. */
async function makeTraffic(lab: Lab, running: () => boolean): Promise<void> {
  const [first, second] = lab.hosts
  const ip = lab.topology.hosts[0]?.ipv4 ?? ''
  await first?.open('tcp', { ip, port: 40_001 }, { ip: '203.0.113.1', port: 80 })
  const go = async (): Promise<void> => {
    while (running()) {
      // Who listens there speaks no HTTP: what counts is that it was asked for.
      await second?.fetch({ url: 'http://198.51.100.1/' }).catch(() => undefined)
      await sleep(200)
    }
  }
  void go()
}

/** A gateway with all that the pages speak of, and a reader on it. */
export interface ReaderGateway {
  readonly world: World
  /** Has the program run from now on; pages that start it themselves come before. */
  startProgram(): Promise<void>
  close(): Promise<void>
}

export async function makeReaderGateway(): Promise<ReaderGateway> {
  const lab = await makeLab()
  let isRunning = true
  let world: World | undefined
  const close = async (): Promise<void> => {
    isRunning = false
    await lab.close()
    world?.remove()
  }
  try {
    world = await makeWorld(lab)
    const inside = world
    await startDatabase(inside)
    await makeTraffic(lab, () => isRunning)
    let started: Promise<void> | undefined
    return { world, close, startProgram: () => (started ??= startProgram(inside)) }
  } catch (error) {
    await close()
    throw error
  }
}
