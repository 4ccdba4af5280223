import type { Payment } from '@micropay/schemas/api/payment'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { Intent } from '../../../api/idempotent-intent.ts'
import { findTwin } from '../../../data/payments/find-twin.ts'
import type { PaymentRequest } from '../../../data/payments/make-payment.ts'
import { useServices } from '../../../services/app-context.ts'

/**
 * Looks for a payment of the same amount to the same account before one is submitted, and asks then. It helps where it
 * can, and never stands in the way of a payment. One that was withdrawn while it looked, by a change or by leaving the
 * page, is not submitted.
 */
export function useTwinGuard(submit: (intent: Intent<PaymentRequest>) => void) {
  const { client, clock } = useServices()
  const [twin, setTwin] = useState<Payment>()
  /** The key of what was confirmed and is still looked up. */
  const confirmed = useRef<string>(undefined)
  useEffect(() => {
    return () => {
      confirmed.current = undefined
    }
  }, [])
  const lookup = useMutation({
    mutationFn: ({ request }: Intent<PaymentRequest>) =>
      findTwin(client, request, clock.nowMs()).catch(() => undefined),
    onSuccess: (found, intent) => {
      if (confirmed.current !== intent.key) return
      confirmed.current = undefined
      if (found) setTwin(found)
      else submit(intent)
    },
  })
  return {
    twin,
    busy: lookup.isPending,
    confirm: (intent: Intent<PaymentRequest>) => {
      // A second click would find the payment that the first one makes.
      if (confirmed.current === intent.key) return
      confirmed.current = intent.key
      lookup.mutate(intent)
    },
    withdraw: () => {
      confirmed.current = undefined
      setTwin(undefined)
      lookup.reset()
    },
    forgetTwin: () => setTwin(undefined),
  }
}
