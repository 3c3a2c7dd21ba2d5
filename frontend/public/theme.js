// Runs before the first paint so that a chosen theme never flashes the other one. A file, not inline: the CSP forbids inline.
try {
  var chosen = localStorage.getItem('tf-theme');
  if (chosen === 'dark' || chosen === 'light') document.documentElement.classList.add(chosen);
} catch {
  // Storage is refused (private mode): the theme follows the system.
}
