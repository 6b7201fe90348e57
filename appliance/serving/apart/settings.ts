import { describeConfiguration } from '../../../lookup-api/evidence-file/configuration.ts'
import type { Config } from '../../../model/config.ts'
import type { AnswerUrls } from '../api.ts'
import type { DatabaseUrls } from '../../../store/database-url.ts'
import type { Settings } from './wire.ts'

/** The log-ins that answers are made with: not the owner's, not the collector's. */
export function answerUrls({ lookup, audit, identity, directory }: DatabaseUrls): AnswerUrls {
  return { lookup, audit, identity, directory }
}

/**
 * The configuration without what only the collecting process needs: passwords and keys of its
 * sources, targets and hooks.
 */
export function settingsOf(config: Config, listen: string): Settings {
  const { stream: _stream, policy: _policy, ...rest } = config
  const { conntrack, identity, netflow } = config.collector
  // Which users are shared is asked of the sources; the rest of a source is the collector's.
  const shared = identity.map((source) =>
    'clients' in source ? { ...source, clients: [] } : source
  )
  return {
    config: {
      ...rest,
      database: {},
      collector: { conntrack, identity: shared, netflow: { ...netflow, exporters: [] } },
      exporter: { targets: [] },
      api: { ...config.api, listen, collectors: [] },
    },
    described: describeConfiguration(config),
  }
}
