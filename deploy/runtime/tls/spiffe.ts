const ID = /^URI:spiffe:\/\/micropay\.local\/([a-z][a-z0-9-]{0,63})$/

/** What stands in a service's certificate as its one URI among the subject's alternative names. */
export function spiffeId(service: string): string {
  return `spiffe://micropay.local/${service}`
}

/**
 * The service that a certificate is of, from its alternative names as Node writes them. Undefined where it names none,
 * or more than one (SPIFFE X.509-SVID 2 asks for exactly one URI), or anything that Node had to quote: in a quoted name
 * there may stand what looks like another one.
 */
export function serviceNamed(subjectAltName: string | undefined): string | undefined {
  if (subjectAltName === undefined || subjectAltName.includes('"')) return undefined
  const uris = subjectAltName.split(', ').filter((name) => name.startsWith('URI:'))
  return uris.length === 1 ? ID.exec(uris[0] ?? '')?.[1] : undefined
}
