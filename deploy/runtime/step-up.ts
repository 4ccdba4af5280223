import { z } from 'zod'

/** What is asked of an authentication by which a payment is confirmed (RFC 9470): one of `acrValues`, and how fresh. */
export type StepUp = { readonly acrValues: readonly string[]; readonly maxAgeSeconds: number }

const wrongAge = { error: 'must be a whole number of seconds from 30 to 3600' }

/** Read by who asks for such an authentication and by who judges it. */
export const stepUpEnvironment = {
  STEP_UP_ACR: z
    .string()
    .default('urn:openbanking:psd2:sca')
    .transform((text) => text.split(' ').filter(Boolean))
    .refine((values) => values.length > 0 && values.every((value) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value)), {
      error: 'must be what the issuer calls an authentication that confirms a payment; of several, parted by spaces',
    }),
  STEP_UP_SECONDS: z.coerce.number(wrongAge).int(wrongAge).min(30, wrongAge).max(3600, wrongAge).default(300),
}

export type StepUpSettings = { readonly STEP_UP_ACR: readonly string[]; readonly STEP_UP_SECONDS: number }

/** As long as nobody sets another one. */
export const usualStepUp = stepUpOf(z.object(stepUpEnvironment).parse({}))

export function stepUpOf({ STEP_UP_ACR: acrValues, STEP_UP_SECONDS: maxAgeSeconds }: StepUpSettings): StepUp {
  return { acrValues, maxAgeSeconds }
}
