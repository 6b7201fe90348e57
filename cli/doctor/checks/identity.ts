import { createSocket } from 'node:dgram'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { NeighbourFollower } from '../../../collector/identity/neighbours.ts'
import { parseListen } from '../../../model/endpoint-text.ts'
import { FlowledgerError } from '../../../model/errors.ts'
import type { RadiusClientConfig, RadiusSource } from '../../../model/identity-sources.ts'
import { fail, ok, warn } from '../finding.ts'
import type { CheckContext, Finding } from '../finding.ts'

/** RFC 2865 §3 wants at least this many octets of a secret that cannot be guessed. */
const leastSecret = 16

const rank = { ok: 0, warn: 1, fail: 2 } as const

/** What is worst; the text of good news says how many there are. */
function worst(findings: readonly Finding[], allGood: string): Finding {
  const [first] = [...findings].sort((a, b) => rank[b.state] - rank[a.state])
  return first === undefined || first.state === 'ok' ? ok(allGood) : first
}

/** Can the files that are followed be read? */
export function identityFiles({ config }: CheckContext): Finding {
  const paths = config.collector.identity.flatMap((source) => ('path' in source ? source.path : []))
  if (paths.length === 0) return ok('no lease file or log is followed')
  const readable = (path: string): Finding => {
    if (!existsSync(path)) return warn(`${path} is not there`, 'see whether its program runs')
    try {
      accessSync(path, constants.R_OK)
      return ok(path)
    } catch {
      return fail(`${path} may not be read`, `give the user who runs flowledger leave to read it`)
    }
  }
  return worst(paths.map(readable), `${paths.length} followed files can be read`)
}

function secretOf(client: RadiusClientConfig, context: CheckContext): Finding {
  const { name, secret, secretFile } = client
  const text = secretFile === undefined ? secret : context.read(secretFile)
  if (text === undefined || text === '') {
    return fail(`the secret of the RADIUS client ${name} cannot be read`, `write ${secretFile}`)
  }
  const mode = secretFile === undefined ? 0 : statSync(secretFile).mode
  if ((mode & 0o004) !== 0) {
    return warn(`everybody may read ${secretFile}`, `chmod 600 ${secretFile}`)
  }
  return text.length < leastSecret
    ? warn(`the secret of the RADIUS client ${name} is short`, 'use one of 16 characters or more')
    : ok(name)
}

async function portOf({ listen }: RadiusSource): Promise<Finding> {
  const { host, port } = parseListen(listen) ?? { host: '', port: 0 }
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(port, host, resolve)
    })
    return ok(listen)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'EADDRINUSE'
      ? warn(`${listen} (UDP) is in use`, 'well where flowledger runs; else end the other server')
      : fail(`${listen} (UDP) cannot be listened on: ${message}`, 'name an address of this host')
  } finally {
    socket.close()
  }
}

/** Can RADIUS accounting be received, and are its secrets secret? */
export async function identityRadius(context: CheckContext): Promise<Finding> {
  const servers = context.config.collector.identity.filter((source) => source.kind === 'radius')
  if (servers.length === 0) return ok('RADIUS accounting is not received')
  const clients = servers.flatMap((server) => server.clients)
  const secrets = clients.map((client) => secretOf(client, context))
  const ports = await Promise.all(servers.map(portOf))
  return worst([...ports, ...secrets], `the port is free, ${clients.length} clients have secrets`)
}

/** May the neighbour table be followed? */
export function identityNeighbours({ config }: CheckContext): Finding {
  const source = config.collector.identity.find(({ kind }) => kind === 'neighbours')
  if (source === undefined) return ok("this host's neighbours are not followed")
  try {
    new NeighbourFollower({ record: 'doctor' }).close()
    return ok("this host's neighbours (ARP, ND) can be followed")
  } catch (error) {
    if (!(error instanceof FlowledgerError)) throw error
    return fail(`neighbours cannot be followed: ${error.message}`, error.fix ?? 'run it as root')
  }
}
