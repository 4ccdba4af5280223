// What @peculiar/x509 is built on asks for it, in front of everything else.
import 'reflect-metadata'
import { KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import { spiffeId } from '@micropay/runtime/tls/spiffe'
import * as x509 from '@peculiar/x509'

/** PEM. */
export type Issued = { readonly cert: string; readonly key: string }

export type Authority = {
  readonly ca: Issued
  issue(leaf: Leaf): Promise<Issued>
}

export type Leaf = {
  /** A service of ours, named by its SPIFFE id. */
  readonly service?: string
  /** Host names and addresses, for who looks at those. */
  readonly hosts?: readonly string[]
  /** The subject's common name, by which Kafka knows a holder. */
  readonly commonName?: string
  readonly fromMs: number
  readonly toMs: number
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
/** Clocks of two machines may be apart. */
const BACKDATED_MS = 60_000

/** A new authority of certificates, whose own is good for that long. Not for production: nothing can be revoked. */
export async function createAuthority(name: string, fromMs: number, toMs: number): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: serialNumber(), name: `CN=${name}`, keys, signingAlgorithm: algorithm },
    ...{ notBefore: new Date(fromMs - BACKDATED_MS), notAfter: new Date(toMs) },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return authorityOf({ cert: certificate.toString('pem'), key: pemOf(keys.privateKey) })
}

/** The authority whose certificate and key were kept. */
export async function authorityOf(ca: Issued): Promise<Authority> {
  const issuer = new x509.X509Certificate(ca.cert)
  const der = x509.PemConverter.decode(ca.key)[0]
  if (!der) throw new Error('the key of the authority is no PEM')
  const signingKey = await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
  return { ca, issue: (leaf) => issue(leaf, issuer, signingKey) }
}

async function issue(leaf: Leaf, issuer: x509.X509Certificate, signingKey: CryptoKey): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ serialNumber: serialNumber(), subject: `CN=${leaf.commonName ?? leaf.service ?? leaf.hosts?.[0] ?? 'leaf'}` },
    ...{ issuer: issuer.subject, publicKey: keys.publicKey, signingKey, signingAlgorithm: algorithm },
    ...{ notBefore: new Date(leaf.fromMs - BACKDATED_MS), notAfter: new Date(leaf.toMs) },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([serverAuth, clientAuth]),
      new x509.SubjectAlternativeNameExtension(namesOf(leaf)),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  })
  return { cert: certificate.toString('pem'), key: pemOf(keys.privateKey) }
}

function namesOf({ service, hosts = [] }: Leaf): x509.JsonGeneralNames {
  const own = service === undefined ? [] : [{ type: 'url' as const, value: spiffeId(service) }]
  return [...own, ...hosts.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }))]
}

function pemOf(key: CryptoKey): string {
  return String(KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }))
}

/** RFC 5280, 4.1.2.2: positive, and nobody can guess it. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(Buffer.alloc(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}
