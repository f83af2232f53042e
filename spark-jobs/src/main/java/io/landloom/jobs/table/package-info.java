/** The tables: schema, keys and footers, in one place each, and the file they are written to. */
package io.landloom.jobs.table;
