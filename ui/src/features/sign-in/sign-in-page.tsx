import { useLocation } from '@tanstack/react-router'
import { useEffect } from 'react'
import { signInUrl } from '../../api/session.ts'
import { buttonClass } from '../../components/button.tsx'
import { CheckIcon, Logo } from '../../components/icons.tsx'

const promises = [
  ['Money that adds up', 'Every payment moves the same amount out of one account and into another, all of it or none.'],
  [
    'Balances as they are now',
    'What you see changes the moment a payment is posted, and says which entry it reflects.',
  ],
  ['A history that stays', 'Entries are only ever added. Each has its place, its time and its author, for ever.'],
] as const

/** What MicroPay is, and the way in; the issuer asks who one is. */
export function SignInPage() {
  const returnTo = useLocation({ select: (location) => location.href })
  useEffect(() => {
    document.title = 'Sign in · MicroPay'
  }, [])
  return (
    <main
      className="mx-auto grid min-h-dvh max-w-6xl items-center gap-10 px-6 py-12 lg:grid-cols-[1.1fr_1fr]
        lg:gap-20"
    >
      <div>
        <p className="flex items-center gap-3 text-xl font-bold tracking-tight">
          <Logo className="size-10" /> MicroPay
        </p>
        <h1 className="mt-10 text-4xl leading-tight font-bold tracking-tight sm:text-5xl">
          Every cent, accounted for.
        </h1>
        <p className="mt-5 max-w-lg text-lg text-ink-soft">
          See your accounts, send money and follow each payment on a ledger that can show where every amount came from.
        </p>
        <a href={signInUrl(returnTo)} className={buttonClass('primary', 'mt-8 h-12 px-10')}>
          Sign in
        </a>
        <p className="mt-4 text-sm text-ink-faint">
          You sign in at your organisation’s own page and come straight back.
        </p>
      </div>
      <ul className="space-y-6 rounded-3xl border border-line bg-surface p-8 shadow-card sm:p-10">
        {promises.map(([title, text]) => (
          <li key={title} className="flex gap-4">
            <span
              className="mt-0.5 flex size-8 shrink-0 items-center justify-center rounded-full bg-accent-wash
                text-accent"
            >
              <CheckIcon className="size-4.5" />
            </span>
            <span>
              <span className="block font-semibold">{title}</span>
              <span className="block text-ink-soft">{text}</span>
            </span>
          </li>
        ))}
      </ul>
    </main>
  )
}
