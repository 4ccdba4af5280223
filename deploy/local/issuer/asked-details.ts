import { PaymentDetail } from '@micropay/schemas/api/confirmation'
import { z } from 'zod'
import { confirmPage, signInPage } from './issuer-page.ts'
import { personas } from './personas.ts'

type Asked = { readonly authorization_details?: string | undefined; readonly login_hint?: string | undefined }

/** What is to be confirmed; undefined where it cannot be shown. */
export function detailsOf({ authorization_details: text }: Asked): PaymentDetail[] | undefined {
  if (text === undefined) return []
  try {
    return z.array(PaymentDetail).min(1).safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Whoever is to confirm something sees that; who they are is known, where the client has said it. */
export function pageFor({ login_hint: hint }: Asked, details: readonly PaymentDetail[], url: string): string {
  if (details.length === 0) return signInPage(personas, url)
  const hinted = personas.filter(({ subject }) => subject === hint)
  return confirmPage(details, hinted.length > 0 ? hinted : personas, url)
}
