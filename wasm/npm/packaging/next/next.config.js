module.exports = { distDir: process.env.DIST };
