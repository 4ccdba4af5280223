import { isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'

/** `TRUSTED_PROXIES`: addresses and networks of proxies before the gateway, parted by commas. */
export const TrustedProxies = z
  .string()
  .transform((text) => text.split(',').map((each) => each.trim()))
  .refine((all) => all.every(isNetwork), {
    error: 'must be addresses or networks of proxies, parted by commas: 10.0.0.5,10.1.0.0/16',
  })

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0
  if (most === 0 || more.length > 0) return false
  return bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most)
}
