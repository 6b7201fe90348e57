import type { ApplicationRules } from '../../classifier/applications/application-rules.ts'
import { applicationCategories } from '../../classifier/applications/rules.ts'
import type { Application } from '../../classifier/applications/rules.ts'
import { knownProtocols } from '../../classifier/known-protocols.ts'
import { protocolCategories } from '../../classifier/protocols/protocol.ts'
import { netifyProtocolOf } from '../../criteria/netify-protocols.ts'
import type { NamedNumber, StreamNames } from '../../model/streamed-flow.ts'

const https: NamedNumber = {
  name: 'https',
  id: 196,
  tag: 'HTTP/S',
  title: 'HTTP over TLS',
  category: 'web',
}

const named = ({ name, title, category, id }: Application): NamedNumber => ({
  name,
  id,
  tag: `netify.${name}`,
  title,
  category,
})

/** Names and numbers of the stream, by the rules in force. */
export function streamNames(rules: () => ApplicationRules): StreamNames {
  const protocols = new Map<string, NamedNumber>()
  for (const { name, title, category } of knownProtocols()) {
    const [id, tag] = netifyProtocolOf(name)
    protocols.set(name, { name, id, tag, title, category })
  }
  protocols.set('https', https)
  return {
    application(name) {
      const application = rules().application(name)
      return application === undefined ? undefined : named(application)
    },
    protocol(name) {
      const [id, tag] = netifyProtocolOf(name)
      return protocols.get(name) ?? { name, id, tag, title: name, category: 'other' }
    },
    applications: () => rules().applications.map(named),
    protocols: () => [...protocols.values()],
    applicationCategories,
    protocolCategories,
  }
}
