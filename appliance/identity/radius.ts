/** RADIUS accounting that is received: collector/identity's server handed its sink. */
import { readFileSync } from 'node:fs'
import type { RadiusClient } from '../../collector/identity/radius-clients.ts'
import { RadiusServer } from '../../collector/identity/radius-server.ts'
import { countOf, heardEveryMs } from './live.ts'
import type { LiveSource, LiveStatus } from './live.ts'
import type { IdentitySink } from './sink.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { RadiusClientConfig, RadiusSource } from '../../model/identity-sources.ts'

/**
 * Reads the secrets of RADIUS clients; the files' last line end is none of them.
 *
 * @throws FlowledgerError `config-invalid` where a file cannot be read or is empty
 */
export function radiusClients(clients: readonly RadiusClientConfig[]): RadiusClient[] {
  return clients.map(({ name, prefix, secret, secretFile }) => ({
    name,
    prefix,
    secret: Buffer.from(secretFile === undefined ? (secret ?? '') : secretIn(secretFile)),
  }))
}

function secretIn(path: string): string {
  const fix = 'Put the secret that the NAS has into it, on one line.'
  let text: string
  try {
    text = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    const message = `The secret file ${path} cannot be read.`
    throw new FlowledgerError('config-invalid', message, { fix, cause })
  }
  if (text !== '') return text
  throw new FlowledgerError('config-invalid', `The secret file ${path} is empty.`, { fix })
}

/** @throws FlowledgerError `port-in-use`, `permission-missing`, `config-invalid` */
export async function listenRadius(config: RadiusSource, sink: IdentitySink): Promise<LiveSource> {
  const server = await RadiusServer.start({
    listen: config.listen,
    clients: radiusClients(config.clients),
    store: (events, atUs) => sink.write(events, atUs, countOf(status())),
  })
  const status = (): LiveStatus => ({
    read: server.counters.requests,
    unknown: Object.values(server.unknown).reduce((sum, count) => sum + count, 0),
    refused: server.refused,
  })
  // NASes that have nothing to say and a server that is down must not look alike.
  const heard = setInterval(() => {
    sink.write([], Date.now() * 1000, countOf(status())).catch(() => {
      // The sink has said so.
    })
  }, heardEveryMs)
  return {
    sink,
    sentence: `Listening for RADIUS accounting on ${server.address} as source "${sink.name}".`,
    status,
    reload(next) {
      if (next.kind === 'radius') server.useClients(radiusClients(next.clients))
    },
    async stop() {
      clearInterval(heard)
      await server.close()
    },
  }
}
