import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { ntlmUser } from '../wire/ntlm.ts'
import { lookForSmb, sessionEnd, smbStart, smbVersion } from '../wire/smb-message.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Messages are drawn in ../wire/smb-message.ts. On port 139 a NetBIOS session is asked for before
 * them (../protocols/netbios.ts). The client says which versions it knows, the server takes one;
 * then somebody logs in, by NTLM (../wire/ntlm.ts) or Kerberos.
 */
function look(bytes: Bytes): Look {
  const first = bytes.u8(0)
  if (first === 0) return lookForSmb(bytes, 0)
  if (first === 0x82) {
    if (bytes.length < 4) return 'more'
    return bytes.u24(1) === 0 ? lookForSmb(bytes, 4) : 'no'
  }
  if (first !== 0x81) return 'no'
  const end = sessionEnd(bytes)
  if (end < 0) return bytes.length < 72 ? 'more' : 'no'
  return lookForSmb(bytes, end)
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, look, look, 95)
  if (typeof talk === 'string') return talk
  const { client, server, confidence } = talk
  const at = smbStart(server)
  const version = server.length > at + 4 ? smbVersion(server, at) : undefined
  const user = ntlmUser(client)
  return {
    confidence,
    evidence: version === undefined ? 'message of SMB' : `message of SMB ${version}`,
    metadata: { ...(version === undefined ? {} : { version }), ...user },
    risks: version === '1' ? ['obsolete-protocol'] : [],
    more: version === undefined || (user.userName === undefined && flow.packets < 12),
  }
}

export const smb: Protocol = {
  name: 'smb',
  title: 'SMB',
  category: 'file',
  transports: ['tcp'],
  begins: [0, 0x81, 0x82],
  ports: { tcp: [445] },
  classify,
}
