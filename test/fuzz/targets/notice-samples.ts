/** The least of each form: most inputs are made of these, since time grows with length. */
export const shortNotices = {
  mail: [
    'From: a@example.org\nSubject: abuse\n\nIP: 198.51.100.7\nPort: 51413\nTime: 2026-03-01T12:00:00Z\n',
    'From: a@example.org\nDate: Sun, 1 Mar 2026 12:00:00 +0100\n\n198.51.100.7:51413 12:00:00\n',
    'From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=X\n\n' +
      '--X\n\nIP: 198.51.100.7 2026-03-01T12:00:00Z\n--X--\n',
    'From: a@example.org\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n' +
      'SVA6IDE5OC41MS4xMDAuNyAyMDI2LTAzLTAxVDEyOjAwOjAwWgo=\n',
    'From: a@example.org\nMIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\n' +
      'IP=3A 198.51.100.7 2026-03-01T=\n12:00:00Z\n',
  ],
  acns: [
    '<Infringement><Source><IP_Address>198.51.100.7</IP_Address><Port>51413</Port>' +
      '<TimeStamp>2026-03-01T12:00:00Z</TimeStamp></Source></Infringement>',
    '<Infringement xmlns="http://www.acns.net/ACNS"><Case><ID>C1</ID></Case></Infringement>',
  ],
  xarf: [
    '{"xarf_version":"4.2.0","source_identifier":"198.51.100.7","source_port":51413,' +
      '"timestamp":"2026-03-01T12:00:00Z"}',
    '{"Version":"3","Report":{"SourceIp":"198.51.100.7","Date":"2026-03-01T12:00:00Z"}}',
    'Reported-From: a@example.org\nReport-ID: 1\nSource: 198.51.100.7\nDate: 2026-03-01 12:00:00 Z\n',
  ],
  marf: [
    'From: f@example.org\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=M\n\n--M\n' +
      'Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n' +
      'Source-IP: 198.51.100.7\nSource-Port: 51413\nArrival-Date: 2026-03-01T12:00:00Z\n--M--\n',
  ],
  tables: [
    'timestamp,ip,port\n2026-03-01 12:00:00Z,198.51.100.7,51413\n',
    'ip\ttime\n198.51.100.7\t2026-03-01 12:00:00 CET\n',
  ],
  texts: [
    'IP: 198.51.100.7\nPort: 51413\nTime: 1 Mar 2026 12:00:00 UTC\n',
    '2026-03-01 12:00:00 +0100 from 198.51.100.7 port 51413',
    'All times are UTC\n03/04/2026 12:00:00 198.51.100.7:51413\n',
  ],
  html: [
    '<html><p>IP: 198.51.100.7<br>Time: 2026-03-01T12:00:00Z</p></html>',
    '<table><tr><td>IP</td><td>198.51.100.7</td></tr></table>',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** X-ARF's first form: a mail whose second part is YAML, with the log it is about. */
export const xarfMail = `From: a@example.org
To: abuse@example.net
Subject: abuse report
X-XARF: PLAIN
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=X

--X
Content-Type: text/plain

See below.
--X
Content-Type: text/plain; name="report.txt"

---
Reported-From: a@example.org
Category: abuse
Report-Type: login-attack
Service: ssh
Source-Type: ip-address
Source: 198.51.100.7
Source-Port: 51413
Date: Sun, 01 Mar 2026 12:00:00 +0000
Schema-URL: http://www.x-arf.org/schema/abuse_login-attack_0.1.2.json
Attachment: text/plain
--X
Content-Type: text/plain; name="log.txt"

Mar  1 12:00:00 host sshd[1]: Failed password for root from 198.51.100.7 port 51413 ssh2
--X--
`
