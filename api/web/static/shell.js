// shell.js
