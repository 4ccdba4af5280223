import type { ReactNode } from 'react'

type CardProps = { readonly className?: string; readonly children: ReactNode }

export function Card({ className = '', children }: CardProps) {
  return (
    <div
      className={`rounded-2xl border border-line bg-surface shadow-card print:border-0 print:shadow-none ${className}`}
    >
      {children}
    </div>
  )
}

type FactsProps = { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }

/** Names and values, one pair a line. */
export function Facts({ facts }: FactsProps) {
  return (
    <dl className="divide-y divide-line">
      {facts.map(([name, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two facts may have one name, such as legs of one account
        <div key={`${index} ${name}`} className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 py-3">
          <dt className="text-sm text-ink-soft">{name}</dt>
          <dd className="min-w-0 text-right font-medium break-words">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
