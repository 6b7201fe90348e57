import { smtp } from '../../../classifier/protocols/smtp.ts'
import { conforms } from './conformance.ts'
import { tlsHello } from './tls-hello.ts'

conforms(
  smtp,
  [
    {
      name: 'a message handed in',
      transport: 'tcp',
      port: 2526,
      said: [
        ['server', '220 mx.example.net ESMTP Postfix\r\n'],
        ['client', 'EHLO client.example.org\r\n'],
        ['server', '250-mx.example.net\r\n250 STARTTLS\r\n'],
        ['client', 'MAIL FROM:<a@example.org>\r\n'],
      ],
      confidence: 100,
      metadata: { hostname: 'mx.example.net', software: 'ESMTP Postfix' },
    },
    {
      name: 'STARTTLS',
      transport: 'tcp',
      port: 587,
      said: [
        ['server', '220 mx.example.net ESMTP\r\n'],
        ['client', 'ehlo [192.0.2.1]\r\n'],
        ['server', '250-mx.example.net\r\n250 STARTTLS\r\n'],
        ['client', 'STARTTLS\r\n'],
        ['server', '220 2.0.0 Ready to start TLS\r\n'],
        ['client', tlsHello('smtp.example.net')],
      ],
      metadata: { hostname: 'smtp.example.net' },
      risks: [],
    },
    {
      name: 'a password in the clear',
      transport: 'tcp',
      port: 25,
      said: [
        ['server', '220 mx.example.net ESMTP\r\n'],
        ['client', 'EHLO x\r\n'],
        ['server', '250 AUTH PLAIN LOGIN\r\n'],
        ['client', `AUTH PLAIN ${btoa('\0alice\0secret')}\r\n`],
      ],
      metadata: { userName: 'alice' },
      risks: ['clear-text-credentials'],
    },
    {
      name: 'LOGIN, a line each',
      transport: 'tcp',
      port: 25,
      said: [
        ['client', 'HELO x\r\n'],
        ['server', '250 hello\r\n'],
        ['client', 'AUTH LOGIN\r\n'],
        ['server', `334 ${btoa('Username:')}\r\n`],
        ['client', `${btoa('bob')}\r\n`],
      ],
      metadata: { userName: 'bob' },
    },
    {
      name: 'a server alone',
      transport: 'tcp',
      port: 25,
      said: [['server', '220-mx.example.net ESMTP Exim 4.96\r\n220 no spam\r\n']],
      confidence: 90,
    },
    {
      name: 'the middle of a delivery, from one side',
      transport: 'tcp',
      port: 25,
      said: [['client', 'MAIL FROM:<a@example.org> SIZE=1000\r\nRCPT TO:<b@example.net>\r\n']],
      confidence: 90,
    },
  ],
  [
    {
      name: 'FTP',
      transport: 'tcp',
      port: 2121,
      said: [
        ['server', '220 ready\r\n'],
        ['client', 'USER alice\r\n'],
      ],
    },
    { name: 'a letter', transport: 'tcp', port: 25, said: [['client', 'Hello, I am EHLO\r\n']] },
  ]
)
