/** The ways in which mail carries a text, and what it does to it. */

/** `> ` before every line, so many times. */
export const quoted = (text: string, depth: number): string =>
  text
    .split('\n')
    .map((line) => '> '.repeat(depth) + line)
    .join('\n')

/** RFC 4880 §7: dashes are escaped, and a signature follows. */
export const clearsigned = (text: string): string =>
  '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\n' +
  `${text.replaceAll(/^-/gm, '- -')}\n` +
  '-----BEGIN PGP SIGNATURE-----\nVersion: GnuPG v1\n\niQEcBAEBAgAGBQJVSg\n=abcd\n-----END PGP SIGNATURE-----\n'

/** Breaks lines at spaces, as mail programs do to what is longer than 76. */
export const wrapped = (text: string): string =>
  text
    .split('\n')
    .flatMap((line) => line.match(/.{1,72}(?:\s|$)|\S+/g) ?? [''])
    .map((line) => line.trimEnd())
    .join('\n')

function quotedPrintable(text: string): string {
  const encoded = [...Buffer.from(text)].map((byte) => {
    const plain = byte === 10 || (byte >= 32 && byte <= 126 && byte !== 61)
    return plain
      ? String.fromCharCode(byte)
      : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
  })
  let [out, column] = ['', 0]
  for (const piece of encoded) {
    if (piece === '\n') column = 0
    else if (column + piece.length > 70) {
      out += '=\n'
      column = 0
    }
    out += piece
    column += piece === '\n' ? 0 : piece.length
  }
  return out
}

const header = [
  'Received: from mail.example.org (mail.example.org [203.0.113.90]) by mx.example.net; Mon, 4 Jun 2001 10:11:12 +0000',
  'From: "Notices" <notices@example.org>',
  'To: abuse@example.net',
  'Date: Mon, 4 Jun 2001 10:10:10 +0000',
  'Subject: Notice of claimed infringement',
  'Message-ID: <1@example.org>',
  'MIME-Version: 1.0',
]

/** Ways in which a text comes by mail. */
export const carriers: Readonly<Record<string, (text: string) => string | Uint8Array>> = {
  pasted: (text) => text,
  'pasted with CRLF': (text) => text.replaceAll('\n', '\r\n'),
  'UTF-16': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  plain: (text) => [...header, 'Content-Type: text/plain; charset=utf-8', '', text].join('\n'),
  'quoted-printable': (text) =>
    [
      ...header,
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      quotedPrintable(text),
    ].join('\r\n'),
  base64: (text) =>
    [
      ...header,
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(text).toString('base64').replaceAll(/.{76}/g, '$&\n'),
    ].join('\n'),
  'UTF-16 in base64': (text) =>
    [
      ...header,
      'Content-Type: text/plain; charset=utf-16le',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(text, 'utf16le').toString('base64').replaceAll(/.{76}/g, '$&\n'),
    ].join('\n'),
  quoted: (text) =>
    [...header, 'Content-Type: text/plain', '', 'Fwd:', '', quoted(text, 2)].join('\n'),
  clearsigned: (text) => [...header, 'Content-Type: text/plain', '', clearsigned(text)].join('\n'),
  forwarded: (text) =>
    [
      ...header,
      'Content-Type: multipart/mixed; boundary=B',
      '',
      '--B',
      'Content-Type: text/plain',
      '',
      'See below.',
      '--B',
      'Content-Type: message/rfc822',
      '',
      ...header,
      'Content-Type: text/plain',
      '',
      text,
      '--B--',
      '',
    ].join('\n'),
  attached: (text) =>
    [
      ...header,
      'Content-Type: multipart/mixed; boundary=B',
      '',
      '--B',
      'Content-Type: text/plain',
      '',
      'The notice is attached.',
      '--B',
      'Content-Type: application/octet-stream; name="notice.txt"',
      'Content-Disposition: attachment; filename="notice.txt"',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(text).toString('base64'),
      '--B--',
      '',
    ].join('\n'),
  'in the body and attached': (text) =>
    [
      ...header,
      'Content-Type: multipart/mixed; boundary=B',
      '',
      '--B',
      'Content-Type: text/plain',
      '',
      text,
      '--B',
      'Content-Type: application/xml; name="notice.xml"',
      'Content-Disposition: attachment; filename="notice.xml"',
      '',
      text,
      '--B--',
      '',
    ].join('\n'),
  HTML: (text) =>
    [
      ...header,
      'Content-Type: text/html; charset=utf-8',
      '',
      `<html><body><p>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\n', '<br>\n')}</p></body></html>`,
    ].join('\n'),
}
