/** Holds the place of a line that is under way. */
export function Skeleton({ className }: { readonly className: string }) {
  return <span className={`shimmer block ${className}`} />
}

const rowKeys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** Rows of the same height as those that come. */
export function SkeletonRows({ rows = 6, label }: { readonly rows?: number; readonly label: string }) {
  return (
    <div role="status" aria-label={label} className="divide-y divide-line">
      {rowKeys.slice(0, rows).map((key) => (
        <div key={key} className="flex h-16 items-center justify-between gap-6 px-4 sm:px-5">
          <div className="flex-1 space-y-2">
            <Skeleton className="h-4 w-2/5" />
            <Skeleton className="h-3 w-1/4" />
          </div>
          <Skeleton className="h-4 w-24" />
        </div>
      ))}
    </div>
  )
}
