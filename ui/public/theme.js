// Applies the chosen theme before the first paint; without a choice the system decides, by CSS alone.
try {
  const theme = localStorage.getItem('micropay.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage may be forbidden; the system's theme holds then.
}
