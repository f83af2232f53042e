/** Which masks to draw images for, and how often, so that the classes get the shares wanted. */
package io.landloom.jobs.plan;
