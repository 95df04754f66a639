#!/opt/nothing/here
echo never
